<?xml version="1.0" encoding="UTF-8"?>
<!--
  Each review: what its reviewers were asked, and how they answered.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>

<xsl:key name="reviewer-of" match="ev:reviewer" use="@campaign"/>

<xsl:template match="ev:input" mode="body">
 <h1><xsl:call-template name="t"><xsl:with-param name="key">reviewer.title</xsl:with-param></xsl:call-template></h1>
 <p class="period"><xsl:call-template name="period"/></p>
 <p><xsl:call-template name="t"><xsl:with-param name="key">reviewer.about</xsl:with-param></xsl:call-template></p>
 <xsl:if test="not(ev:rows/ev:reviewer)">
  <p class="nothing"><xsl:call-template name="t"><xsl:with-param name="key">reviewer.none</xsl:with-param></xsl:call-template></p>
 </xsl:if>
 <xsl:apply-templates select="ev:rows/ev:campaign[key('reviewer-of', @id)]"/>
 <xsl:call-template name="fewer"><xsl:with-param name="rows" select="ev:rows[@class = 'reviewer']"/></xsl:call-template>
</xsl:template>

<xsl:template match="ev:campaign">
 <section>
  <h2><bdi><xsl:value-of select="@name"/></bdi></h2>
  <dl class="facts">
   <xsl:for-each select="@type | @opened | @frozen | @due | @ended | @how | @items | @decided | @waiting">
    <dt><xsl:call-template name="title"><xsl:with-param name="class">campaign</xsl:with-param><xsl:with-param name="column" select="name()"/></xsl:call-template></dt>
    <dd><xsl:call-template name="value"><xsl:with-param name="class">campaign</xsl:with-param><xsl:with-param name="column" select="name()"/><xsl:with-param name="value" select="."/></xsl:call-template></dd>
   </xsl:for-each>
  </dl>
  <div class="scroll" tabindex="0" role="region" aria-label="{@name}">
   <table>
    <caption><bdi><xsl:value-of select="@name"/></bdi></caption>
    <thead><tr>
     <xsl:for-each select="key('class', 'reviewer')/ev:column[@name != 'campaign']">
      <th scope="col">
       <xsl:if test="@type = 'count' or @type = 'decimal'"><xsl:attribute name="class">number</xsl:attribute></xsl:if>
       <xsl:choose><xsl:when test="$zh"><xsl:value-of select="@titleZh"/></xsl:when><xsl:otherwise><xsl:value-of select="@title"/></xsl:otherwise></xsl:choose>
      </th>
     </xsl:for-each>
     <th scope="col" class="number"><xsl:call-template name="t"><xsl:with-param name="key">reviewer.share</xsl:with-param></xsl:call-template></th>
    </tr></thead>
    <tbody>
     <xsl:apply-templates select="key('reviewer-of', @id)">
      <xsl:sort select="@overdue" data-type="number" order="descending"/>
      <xsl:sort select="@employee"/>
     </xsl:apply-templates>
    </tbody>
   </table>
  </div>
 </section>
</xsl:template>

<xsl:template match="ev:reviewer">
 <xsl:variable name="row" select="."/>
 <tr>
  <xsl:for-each select="key('class', 'reviewer')/ev:column[@name != 'campaign']">
   <xsl:variable name="name" select="@name"/>
   <td>
    <xsl:if test="@type = 'count' or @type = 'decimal'"><xsl:attribute name="class">number</xsl:attribute></xsl:if>
    <xsl:choose>
     <xsl:when test="$name = 'employee' and $row/@employee = ''"><xsl:call-template name="t"><xsl:with-param name="key">reviewer.nobody</xsl:with-param></xsl:call-template></xsl:when>
     <xsl:when test="$name = 'rubber' and $row/@rubber = 'true'"><span class="mark high"><xsl:call-template name="t"><xsl:with-param name="key">reviewer.rubber</xsl:with-param></xsl:call-template></span></xsl:when>
     <xsl:when test="$name = 'rubber'"><span class="none">–</span></xsl:when>
     <xsl:otherwise>
      <xsl:call-template name="value">
       <xsl:with-param name="class">reviewer</xsl:with-param>
       <xsl:with-param name="column" select="$name"/>
       <xsl:with-param name="type" select="@type"/>
       <xsl:with-param name="value" select="$row/@*[name() = $name]"/>
      </xsl:call-template>
     </xsl:otherwise>
    </xsl:choose>
   </td>
  </xsl:for-each>
  <td class="number">
   <xsl:choose>
    <xsl:when test="@questions &gt; 0"><xsl:value-of select="format-number(@decided div @questions, '0%')"/></xsl:when>
    <xsl:otherwise><span class="none">–</span></xsl:otherwise>
   </xsl:choose>
  </td>
 </tr>
</xsl:template>
</xsl:stylesheet>
