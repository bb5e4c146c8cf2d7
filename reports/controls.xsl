<?xml version="1.0" encoding="UTF-8"?>
<!-- The controls: requirement, the records that show it, verdict, and gaps. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>
<xsl:include href="say.xsl"/>

<xsl:template match="ev:input" mode="body">
 <xsl:variable name="rows" select="ev:rows[@class = 'control']"/>
 <h1><xsl:call-template name="t"><xsl:with-param name="key">controls.title</xsl:with-param></xsl:call-template></h1>
 <p class="about"><xsl:call-template name="period"/></p>
 <p><xsl:call-template name="t"><xsl:with-param name="key">controls.what</xsl:with-param></xsl:call-template></p>
 <xsl:choose>
  <xsl:when test="not($rows/ev:control)"><xsl:call-template name="nothing"><xsl:with-param name="key">controls.none</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:otherwise>
   <dl class="figures">
    <xsl:call-template name="tally-figures"><xsl:with-param name="tally">controls</xsl:with-param><xsl:with-param name="kind">verdict</xsl:with-param></xsl:call-template>
   </dl>
   <section>
    <h2 id="controls"><xsl:call-template name="t"><xsl:with-param name="key">controls.table</xsl:with-param></xsl:call-template></h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="controls">
     <table>
      <thead><tr><xsl:call-template name="heads"><xsl:with-param name="class">control</xsl:with-param><xsl:with-param name="columns">id requirement records findings verdict gap</xsl:with-param></xsl:call-template></tr></thead>
      <tbody>
       <xsl:for-each select="$rows/ev:control">
        <tr>
         <th scope="row">
          <span class="short"><xsl:value-of select="@id"/></span>
          <br/><xsl:call-template name="either"><xsl:with-param name="english" select="@title"/><xsl:with-param name="chinese" select="@titleZh"/></xsl:call-template>
          <xsl:if test="@nist != ''"><br/><span class="quiet note"><xsl:call-template name="identifiers"><xsl:with-param name="list" select="normalize-space(@nist)"/></xsl:call-template></span></xsl:if>
         </th>
         <td class="long"><xsl:call-template name="either"><xsl:with-param name="english" select="@requirement"/><xsl:with-param name="chinese" select="@requirementZh"/></xsl:call-template></td>
         <td>
          <xsl:call-template name="records"><xsl:with-param name="records" select="normalize-space(@records)"/></xsl:call-template>
          <br/><span class="quiet"><xsl:call-template name="number"><xsl:with-param name="value" select="@count"/></xsl:call-template><xsl:text> </xsl:text><xsl:call-template name="t"><xsl:with-param name="key">controls.records</xsl:with-param></xsl:call-template></span>
          <xsl:if test="@rules != ''"><br/><span class="quiet note"><xsl:call-template name="identifiers"><xsl:with-param name="list" select="normalize-space(@rules)"/></xsl:call-template></span></xsl:if>
         </td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@findings"/></xsl:call-template></td>
         <td><xsl:call-template name="mark"><xsl:with-param name="kind">verdict</xsl:with-param><xsl:with-param name="value" select="@verdict"/></xsl:call-template></td>
         <td class="long">
          <xsl:choose>
           <xsl:when test="@gap = '' and @gapZh = ''"><span class="none">–</span></xsl:when>
           <xsl:otherwise><xsl:call-template name="either"><xsl:with-param name="english" select="@gap"/><xsl:with-param name="chinese" select="@gapZh"/></xsl:call-template></xsl:otherwise>
          </xsl:choose>
         </td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
   </section>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- Classes by name, separated by a space, as evidence.xsd titles them. -->
<xsl:template name="records">
 <xsl:param name="records"/>
 <xsl:if test="$records != ''">
  <xsl:variable name="name" select="substring-before(concat($records, ' '), ' ')"/>
  <xsl:variable name="class" select="/ev:input/ev:classes/ev:class[@name = $name]"/>
  <xsl:choose>
   <xsl:when test="$class"><xsl:call-template name="either"><xsl:with-param name="english" select="$class/@title"/><xsl:with-param name="chinese" select="$class/@titleZh"/></xsl:call-template></xsl:when>
   <xsl:otherwise><bdi><xsl:value-of select="$name"/></bdi></xsl:otherwise>
  </xsl:choose>
  <xsl:if test="contains($records, ' ')"><xsl:call-template name="t"><xsl:with-param name="key">comma</xsl:with-param></xsl:call-template></xsl:if>
  <xsl:call-template name="records"><xsl:with-param name="records" select="substring-after($records, ' ')"/></xsl:call-template>
 </xsl:if>
</xsl:template>
</xsl:stylesheet>
