<?xml version="1.0" encoding="UTF-8"?>
<!--
  The follow-up of remedies: 追蹤改善. What is late comes first; a remedy is
  closed by the pull that no longer shows the fault, and by nothing else.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>
<xsl:include href="say.xsl"/>

<xsl:template match="ev:input" mode="body">
 <xsl:variable name="rows" select="ev:rows[@class = 'remedy']"/>
 <xsl:variable name="late" select="$rows/ev:remedy[@overdue = 'true']"/>
 <xsl:variable name="again" select="ev:rows[@class = 'finding']/ev:finding"/>
 <h1><xsl:call-template name="t"><xsl:with-param name="key">remediation.title</xsl:with-param></xsl:call-template></h1>
 <p class="about"><xsl:call-template name="period"/></p>
 <p><xsl:call-template name="t"><xsl:with-param name="key">remedies.what</xsl:with-param></xsl:call-template></p>
 <dl class="figures">
  <xsl:call-template name="key-figure"><xsl:with-param name="key">remediation.all</xsl:with-param><xsl:with-param name="tally">remedies</xsl:with-param></xsl:call-template>
  <xsl:call-template name="tally-figures"><xsl:with-param name="tally">remedies</xsl:with-param><xsl:with-param name="kind">remedy.status</xsl:with-param></xsl:call-template>
  <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.remedy-overdue</xsl:with-param><xsl:with-param name="tally">remedies-overdue</xsl:with-param><xsl:with-param name="a">true</xsl:with-param></xsl:call-template>
  <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.repeated</xsl:with-param><xsl:with-param name="tally">findings-repeated</xsl:with-param><xsl:with-param name="a">true</xsl:with-param></xsl:call-template>
 </dl>

 <section>
  <h2 id="late"><xsl:call-template name="t"><xsl:with-param name="key">remediation.late</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($late)"><xsl:call-template name="nothing"><xsl:with-param name="key">remediation.late.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise><xsl:call-template name="remedy-table"><xsl:with-param name="rows" select="$late"/><xsl:with-param name="labelled">late</xsl:with-param></xsl:call-template></xsl:otherwise>
  </xsl:choose>
 </section>

 <section>
  <h2 id="again"><xsl:call-template name="t"><xsl:with-param name="key">remediation.again</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($again)"><xsl:call-template name="nothing"><xsl:with-param name="key">remediation.again.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="again">
     <table>
      <thead><tr><xsl:call-template name="heads"><xsl:with-param name="class">finding</xsl:with-param><xsl:with-param name="columns">id severity rule account text first due status</xsl:with-param></xsl:call-template></tr></thead>
      <tbody>
       <xsl:for-each select="$again">
        <tr>
         <th scope="row" class="number"><xsl:value-of select="@id"/></th>
         <td><xsl:call-template name="mark"><xsl:with-param name="kind">severity</xsl:with-param><xsl:with-param name="value" select="@severity"/></xsl:call-template></td>
         <td class="short"><xsl:value-of select="@rule"/></td>
         <td><xsl:call-template name="account"/></td>
         <td class="long"><xsl:call-template name="either"><xsl:with-param name="english" select="@text"/><xsl:with-param name="chinese" select="@textZh"/></xsl:call-template></td>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@first"/></xsl:call-template></td>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@due"/></xsl:call-template></td>
         <td><xsl:call-template name="mark"><xsl:with-param name="kind">findingStatus</xsl:with-param><xsl:with-param name="value" select="@status"/></xsl:call-template></td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
    <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$again/.."/></xsl:call-template>
   </xsl:otherwise>
  </xsl:choose>
 </section>

 <section>
  <h2 id="all"><xsl:call-template name="t"><xsl:with-param name="key">remediation.rest</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($rows/ev:remedy[not(@overdue = 'true')])"><xsl:call-template name="nothing"><xsl:with-param name="key">remediation.rest.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <xsl:call-template name="remedy-table"><xsl:with-param name="rows" select="$rows/ev:remedy[not(@overdue = 'true')]"/><xsl:with-param name="labelled">all</xsl:with-param></xsl:call-template>
    <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$rows"/></xsl:call-template>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<xsl:template name="remedy-table">
 <xsl:param name="rows"/>
 <xsl:param name="labelled"/>
 <div class="scroll" tabindex="0" role="region" aria-labelledby="{$labelled}">
  <table>
   <thead>
    <tr>
     <xsl:call-template name="heads"><xsl:with-param name="class">remedy</xsl:with-param><xsl:with-param name="columns">id account action owner ordered due status</xsl:with-param></xsl:call-template>
     <xsl:call-template name="word-head"><xsl:with-param name="key">remediation.proof</xsl:with-param><xsl:with-param name="class">long</xsl:with-param></xsl:call-template>
    </tr>
   </thead>
   <tbody>
    <xsl:for-each select="$rows">
     <xsl:sort select="(@severity = 'critical') * 5 + (@severity = 'high') * 4 + (@severity = 'medium') * 3 + (@severity = 'low') * 2" data-type="number" order="descending"/>
     <xsl:sort select="@due"/>
     <tr>
      <th scope="row" class="number"><xsl:value-of select="@id"/></th>
      <td>
       <xsl:call-template name="account"/>
       <xsl:if test="@severity != ''"><br/><xsl:call-template name="mark"><xsl:with-param name="kind">severity</xsl:with-param><xsl:with-param name="value" select="@severity"/></xsl:call-template></xsl:if>
       <xsl:if test="@finding">
        <br/>
        <span class="quiet">
         <xsl:call-template name="title"><xsl:with-param name="class">finding</xsl:with-param></xsl:call-template>
         <xsl:value-of select="concat(' ', @finding)"/>
        </span>
       </xsl:if>
      </td>
      <td><xsl:call-template name="t"><xsl:with-param name="key" select="concat('remedy.action.', @action)"/></xsl:call-template></td>
      <td><xsl:call-template name="person"><xsl:with-param name="employee" select="@owner"/></xsl:call-template></td>
      <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@ordered"/></xsl:call-template></td>
      <td class="date">
       <xsl:call-template name="date"><xsl:with-param name="at" select="@due"/></xsl:call-template>
       <xsl:if test="@overdue = 'true'"><br/><xsl:call-template name="mark"><xsl:with-param name="kind">findingStatus</xsl:with-param><xsl:with-param name="value">overdue</xsl:with-param></xsl:call-template></xsl:if>
       <xsl:if test="@extended &gt; 0">
        <br/>
        <span class="quiet">
         <xsl:call-template name="title"><xsl:with-param name="class">remedy</xsl:with-param><xsl:with-param name="column">extended</xsl:with-param></xsl:call-template>
         <xsl:text> </xsl:text>
         <xsl:call-template name="number"><xsl:with-param name="value" select="@extended"/></xsl:call-template>
        </span>
       </xsl:if>
      </td>
      <td>
       <xsl:call-template name="mark"><xsl:with-param name="kind">remedy.status</xsl:with-param><xsl:with-param name="value" select="@status"/></xsl:call-template>
       <xsl:if test="@approved = 'false'"><br/><span class="quiet"><xsl:call-template name="t"><xsl:with-param name="key">remediation.unapproved</xsl:with-param></xsl:call-template></span></xsl:if>
       <xsl:if test="@ticket"><br/><span class="quiet"><xsl:call-template name="text"><xsl:with-param name="value" select="@ticket"/></xsl:call-template></span></xsl:if>
      </td>
      <td class="long">
       <xsl:choose>
        <xsl:when test="@closed">
         <xsl:call-template name="date"><xsl:with-param name="at" select="@closed"/></xsl:call-template>
         <xsl:if test="@proof">
          <br/><span class="quiet"><xsl:call-template name="t"><xsl:with-param name="key">remediation.pull</xsl:with-param></xsl:call-template><xsl:text> </xsl:text><xsl:value-of select="@proof"/></span>
         </xsl:if>
        </xsl:when>
        <!-- By the deny list that is published: no pull, no closing. -->
        <xsl:when test="@status = 'proven'">–</xsl:when>
        <xsl:otherwise><span class="none"><xsl:call-template name="t"><xsl:with-param name="key">remediation.unproven</xsl:with-param></xsl:call-template></span></xsl:otherwise>
       </xsl:choose>
      </td>
     </tr>
    </xsl:for-each>
   </tbody>
  </table>
 </div>
</xsl:template>
</xsl:stylesheet>
