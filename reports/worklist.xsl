<?xml version="1.0" encoding="UTF-8"?>
<!--
  The officer's: what is overdue, open, waiting or incomplete.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>

<xsl:variable name="order">critical high medium low info</xsl:variable>

<!-- A heading, then the rows, or that there are none. -->
<xsl:template name="block">
 <xsl:param name="key"/>
 <xsl:param name="class"/>
 <xsl:param name="columns"/>
 <xsl:param name="rows"/>
 <xsl:param name="figures"/>
 <xsl:variable name="caption"><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></xsl:variable>
 <section>
  <h2><xsl:value-of select="$caption"/></h2>
  <xsl:if test="$figures"><dl class="figures"><xsl:copy-of select="$figures"/></dl></xsl:if>
  <xsl:choose>
   <xsl:when test="$rows">
    <xsl:call-template name="table">
     <xsl:with-param name="class" select="$class"/>
     <xsl:with-param name="columns" select="$columns"/>
     <xsl:with-param name="rows" select="$rows"/>
     <xsl:with-param name="caption" select="string($caption)"/>
    </xsl:call-template>
    <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$rows/.."/></xsl:call-template>
   </xsl:when>
   <xsl:otherwise><p class="nothing"><xsl:call-template name="t"><xsl:with-param name="key">worklist.none</xsl:with-param></xsl:call-template></p></xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<!-- Findings of that status: all, and by severity where there are any. -->
<xsl:template name="severities">
 <xsl:param name="status"/>
 <xsl:call-template name="of"><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="column">status</xsl:with-param><xsl:with-param name="value" select="$status"/></xsl:call-template>
 <xsl:for-each select="key('tally', 'findings')/ev:cell[@a = $status]">
  <xsl:sort select="string-length(substring-before($order, @b))" data-type="number"/>
  <div>
   <dt><xsl:call-template name="value"><xsl:with-param name="class">finding</xsl:with-param><xsl:with-param name="column">severity</xsl:with-param><xsl:with-param name="value" select="@b"/></xsl:call-template></dt>
   <dd><xsl:call-template name="figure"><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a" select="$status"/><xsl:with-param name="b" select="@b"/></xsl:call-template></dd>
  </div>
 </xsl:for-each>
</xsl:template>

<!-- How many of a tally have that value of its first column. -->
<xsl:template name="of">
 <xsl:param name="tally"/>
 <xsl:param name="column"/>
 <xsl:param name="value"/>
 <div>
  <dt><xsl:call-template name="value"><xsl:with-param name="class" select="key('tally', $tally)/@class"/><xsl:with-param name="column" select="$column"/><xsl:with-param name="value" select="$value"/></xsl:call-template></dt>
  <dd><xsl:call-template name="figure"><xsl:with-param name="tally" select="$tally"/><xsl:with-param name="a" select="$value"/></xsl:call-template></dd>
 </div>
</xsl:template>

<xsl:template match="ev:input" mode="body">
 <xsl:variable name="findings">rule severity name about department core due text<xsl:if test="$zh">Zh</xsl:if></xsl:variable>
 <h1><xsl:call-template name="t"><xsl:with-param name="key">worklist.title</xsl:with-param></xsl:call-template></h1>
 <p class="period"><xsl:call-template name="period"/></p>
 <p><xsl:call-template name="t"><xsl:with-param name="key">worklist.about</xsl:with-param></xsl:call-template></p>
 <xsl:call-template name="block">
  <xsl:with-param name="key">worklist.overdue</xsl:with-param>
  <xsl:with-param name="class">finding</xsl:with-param>
  <xsl:with-param name="columns" select="string($findings)"/>
  <xsl:with-param name="rows" select="ev:rows[@of = 'overdue']/ev:finding"/>
  <xsl:with-param name="figures">
   <xsl:call-template name="severities"><xsl:with-param name="status">overdue</xsl:with-param></xsl:call-template>
  </xsl:with-param>
 </xsl:call-template>
 <xsl:call-template name="block">
  <xsl:with-param name="key">worklist.remedies</xsl:with-param>
  <xsl:with-param name="class">remedy</xsl:with-param>
  <xsl:with-param name="columns">id severity name rightName action owner ordered due overdue status ticket</xsl:with-param>
  <xsl:with-param name="rows" select="ev:rows/ev:remedy"/>
  <xsl:with-param name="figures">
   <xsl:call-template name="of"><xsl:with-param name="tally">remedies</xsl:with-param><xsl:with-param name="column">status</xsl:with-param><xsl:with-param name="value">draft</xsl:with-param></xsl:call-template>
   <xsl:call-template name="of"><xsl:with-param name="tally">remedies</xsl:with-param><xsl:with-param name="column">status</xsl:with-param><xsl:with-param name="value">approved</xsl:with-param></xsl:call-template>
   <xsl:call-template name="of"><xsl:with-param name="tally">remedies</xsl:with-param><xsl:with-param name="column">status</xsl:with-param><xsl:with-param name="value">open</xsl:with-param></xsl:call-template>
   <xsl:call-template name="of"><xsl:with-param name="tally">remedies</xsl:with-param><xsl:with-param name="column">status</xsl:with-param><xsl:with-param name="value">back</xsl:with-param></xsl:call-template>
  </xsl:with-param>
 </xsl:call-template>
 <xsl:call-template name="block">
  <xsl:with-param name="key">worklist.daily</xsl:with-param>
  <xsl:with-param name="class">daily</xsl:with-param>
  <xsl:with-param name="columns">day source due mark failures unknown sessions</xsl:with-param>
  <xsl:with-param name="rows" select="ev:rows/ev:daily"/>
  <xsl:with-param name="figures">
   <xsl:call-template name="of"><xsl:with-param name="tally">daily</xsl:with-param><xsl:with-param name="column">mark</xsl:with-param><xsl:with-param name="value">missing</xsl:with-param></xsl:call-template>
   <xsl:call-template name="of"><xsl:with-param name="tally">daily</xsl:with-param><xsl:with-param name="column">mark</xsl:with-param><xsl:with-param name="value">late</xsl:with-param></xsl:call-template>
   <xsl:call-template name="of"><xsl:with-param name="tally">daily</xsl:with-param><xsl:with-param name="column">mark</xsl:with-param><xsl:with-param name="value">waiting</xsl:with-param></xsl:call-template>
  </xsl:with-param>
 </xsl:call-template>
 <xsl:call-template name="block">
  <xsl:with-param name="key">worklist.exceptions</xsl:with-param>
  <xsl:with-param name="class">exception</xsl:with-param>
  <xsl:with-param name="columns">name rightName rule reason owner ends status</xsl:with-param>
  <xsl:with-param name="rows" select="ev:rows/ev:exception"/>
  <xsl:with-param name="figures">
   <xsl:call-template name="of"><xsl:with-param name="tally">exceptions</xsl:with-param><xsl:with-param name="column">status</xsl:with-param><xsl:with-param name="value">waiting</xsl:with-param></xsl:call-template>
   <xsl:call-template name="of"><xsl:with-param name="tally">exceptions</xsl:with-param><xsl:with-param name="column">status</xsl:with-param><xsl:with-param name="value">counts</xsl:with-param></xsl:call-template>
  </xsl:with-param>
 </xsl:call-template>
 <xsl:call-template name="block">
  <xsl:with-param name="key">worklist.campaigns</xsl:with-param>
  <xsl:with-param name="class">campaign</xsl:with-param>
  <xsl:with-param name="columns">name type opened frozen due items decided waiting</xsl:with-param>
  <xsl:with-param name="rows" select="ev:rows/ev:campaign"/>
 </xsl:call-template>
 <xsl:call-template name="block">
  <xsl:with-param name="key">worklist.pulls</xsl:with-param>
  <xsl:with-param name="class">pull</xsl:with-param>
  <xsl:with-param name="columns">id source started state incomplete held error</xsl:with-param>
  <xsl:with-param name="rows" select="ev:rows/ev:pull"/>
 </xsl:call-template>
 <xsl:call-template name="block">
  <xsl:with-param name="key">worklist.coverage</xsl:with-param>
  <xsl:with-param name="class">coverage</xsl:with-param>
  <xsl:with-param name="columns">source name host core at reason</xsl:with-param>
  <xsl:with-param name="rows" select="ev:rows/ev:coverage"/>
 </xsl:call-template>
 <xsl:call-template name="block">
  <xsl:with-param name="key">worklist.open</xsl:with-param>
  <xsl:with-param name="class">finding</xsl:with-param>
  <xsl:with-param name="columns" select="string($findings)"/>
  <xsl:with-param name="rows" select="ev:rows[@of = 'open']/ev:finding"/>
  <xsl:with-param name="figures">
   <xsl:call-template name="severities"><xsl:with-param name="status">open</xsl:with-param></xsl:call-template>
  </xsl:with-param>
 </xsl:call-template>
</xsl:template>
</xsl:stylesheet>
